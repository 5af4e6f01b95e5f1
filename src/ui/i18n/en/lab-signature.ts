import { number } from './numbers.ts';
/** English texts of the signature lab. */
export const enLabSignature = {
  lab: {
    title: 'Signature: one letter, and nothing fits',
    goal: 'Sign a text with the key of your account, alter a single letter or bit, and see in numbers why the check fails.',
    steps: {
      sign: 'Write a sentence and sign it.',
      power: 'Move the slider from s to s^65537, and find the digest at the end of the block.',
      letter: 'Alter one letter of the text.',
      bit: 'Take the text back, and turn over one bit of the signature.',
      back: 'Take everything back, so that the check succeeds again.',
      payment: 'Open a real payment and compare: its signature is checked in the same way.',
    },
    watch:
      'Another text changes the digest from the bytes, and the digest from the signature stays. Another signature changes the whole block, filling included.',
    questions: [
      'Which of the two digests changed when you altered a letter, and why not the other?',
      'Why did one bit of the signature destroy even the filling?',
      'What would somebody need to sign your altered text in your name?',
    ],
  },
  bench: {
    title: 'Your signature',
    secret: 'The private key stays in the thread of your node. The page gets the signature and the public key, and nothing else.',
    about: 'A fixed text, the network, and your text. So nobody can use this signature for a payment or in another network.',
    text: 'Text to sign',
    textHint: 'For example: I owe ming 5 coins.',
    changeHint: 'Change it after signing, as a forger would. The signature below stays the same.',
    sign: 'Sign',
    reset: 'Take everything back',
    bit: (last: number): string => `Bit of the signature, 0 to ${number(last)}`,
    bitInvalid: (last: number): string => `Type a whole number from 0 to ${number(last)}.`,
    flip: 'Turn this bit over',
    flipBack: 'Turn it back',
    valid: (name: string): string => `Valid: ${name} signed exactly this text.`,
    invalid: 'Not valid.',
    same: 'Text and signature are as you signed them.',
    otherText: 'The text is another one than you signed.',
    difference: (bits: number): string => `${bits} of the 256 bits of its digest have changed.`,
    otherBit: (bit: number): string => `Bit ${number(bit)} of the signature is turned over; the other 2,047 bits are as you signed them.`,
    records: {
      sign: (text: string, signature: string): string => `You signed “${text}”. The signature is ${signature}.`,
      letter: (text: string, bits: number, before: string, after: string): string =>
        `With “${text}” the digest from the bytes became ${after} instead of ${before}: ${bits} of 256 bits changed. The digest from the signature stayed ${before}. Code: signature-invalid.`,
      bit: (bit: number): string =>
        `With bit ${number(bit)} turned over, s^e mod n gave another block without the filling. Code: signature-invalid.`,
    },
    nodeAsked: 'Your node is checking, too…',
    nodeValid: 'Your node has checked it, too, and accepts it.',
    nodeInvalid: 'Your node has checked it, too, and refuses it: signature-invalid.',
  },
};
