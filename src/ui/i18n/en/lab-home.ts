/** What the text in the file for home names. */
export interface HomeFacts {
  readonly name: string;
  readonly label: string;
  readonly link: string;
  readonly height: number;
  readonly id: string;
}

const how = [
  'Copy the .zip file home and unpack it. On a phone, open it in the files app.',
  'Open Tabchain: the address of the class if it is public, or any other Tabchain page. A device that has opened the page over https before needs no internet.',
  'Choose “Database” and drop the .sqlite file there under “Somebody else’s file”. The page replays every block from genesis, and checks every signature and every row.',
  'Ask the same file by SQL there, or with any SQLite program: sqlite3 tabchain-class.sqlite "SELECT name, balance FROM accounts".',
  'Choose “Receipt” (#at=/receipt) and drop the receipt. The text in the .zip names the block that you saw in class: trust that id, and the receipt proves your balance.',
  'Choose “Log in” and drop the key file. It needs your passphrase. Without both, nobody can restore your account.',
];

/** English texts of the file for home. */
export const enLabHome = {
  title: 'Take the class home',
  text: 'One click saves your key file, the whole chain as a SQLite file, and a receipt of your balance, in one .zip file with a text that says how to open them.',
  needsAccount: 'Register first: without an account there is no key to take home.',
  recentOnly: 'This device keeps recent blocks only. Nobody can check such a file from genesis; save the chain on another device, too.',
  save: 'Save everything for home',
  packing: (percent: number): string => `Packing… ${percent} %`,
  handed: 'Your browser has been given this file:',
  confirm: 'I have found the file on this device',
  confirmed: 'Your key file counts as saved.',
  howTitle: 'How to open it at home',
  how,
  readMeName: 'how-to-open.txt',
  readMe: ({ name, label, link, height, id }: HomeFacts): string =>
    [
      `Tabchain: the chain “${label}”, saved by ${name}`,
      '',
      `The newest block when you saved: ${height}`,
      `Its id: ${id}`,
      `The page of the class: ${link}`,
      '',
      ...how.map((step, i) => `${i + 1}. ${step}`),
      '',
    ].join('\r\n'),
};
