import { base64 } from '@scure/base';
import { TabchainError } from '../../util/errors.ts';

/** RFC 7468 §2: base64 in lines of 64 characters. */
const LINE_CHARACTERS = 64;

/** One PEM block (RFC 7468) ending with a line feed. */
export function pemBlock(label: string, bytes: Uint8Array): string {
  const lines = base64.encode(bytes).match(new RegExp(`.{1,${LINE_CHARACTERS}}`, 'g')) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/**
 * Contents of all blocks of `label`, in order; text around the blocks is ignored, as RFC 7468 §2 requires.
 * @throws TabchainError `pem-invalid` if a block has no end or is not base64
 */
export function pemBlocks(label: string, text: string): Uint8Array[] {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const [, ...rest] = text.split(begin);
  return rest.map((part) => {
    const stop = part.indexOf(end);
    if (stop < 0) throw invalid();
    try {
      return base64.decode(part.slice(0, stop).replace(/\s/g, ''));
    } catch {
      throw invalid();
    }
  });
}

function invalid(): TabchainError {
  return new TabchainError('pem-invalid', 'The text between the PEM marks is damaged.');
}
