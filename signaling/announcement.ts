import { renderUnicodeCompact } from 'uqr';
import type { PageLinks } from './addresses.ts';
import type { Settings } from './settings.ts';

/** What the person who starts the server reads. @param port the one in use */
export function announcement(settings: Settings, port: number, { local, lan }: PageLinks): string {
  const moved = !settings.portChosen && port !== settings.port;
  const lines = [''];
  if (moved) lines.push(`Port ${settings.port} is in use, so this is port ${port}.`, '');
  if (settings.signalingOnly) return [...lines, ...signalingNote({ local, lan })].join('\n');
  lines.push('Tabchain is running. Open it in a browser:', '');
  if (local !== null) lines.push(`  on this machine   ${local}`);
  for (const link of lan) lines.push(`  on this network   ${link}`);
  const [best, ...others] = lan;
  if (best !== undefined) lines.push('', renderUnicodeCompact(best, { border: 2 }));
  if (others.length > 0) lines.push('', `The QR code leads to ${best}. Where that cannot be reached, try the next.`);
  if (settings.https) lines.push('', 'The certificate is self-signed: each browser warns once; continue past the warning.');
  lines.push('', ...accountsNote(settings, port, moved), '', 'Ctrl+C stops it.', '');
  return lines.join('\n');
}

function signalingNote({ local, lan }: PageLinks): string[] {
  const all = local === null ? lan : [local, ...lan];
  return [
    'The signaling server is running. It serves no page. A page uses it by its link:',
    '',
    ...all.map((link) => `  &signal=${new URL('signal', link.replace(/^http/, 'ws')).href}`),
    '',
    'ALLOWED_HOSTS must name the hosts of such pages, with commas between them; * allows all.',
    '',
    'Ctrl+C stops it.',
    '',
  ];
}

/** An account that "is gone" has almost always been made under another address. */
function accountsNote({ https, port: wanted }: Settings, port: number, moved: boolean): string[] {
  const note = [
    'Browsers keep accounts by the exact address: http or https, name and port. Accounts made under another one are not shown here.',
  ];
  if (moved) {
    note.push(`To have those of port ${wanted} back, end the program that uses it (perhaps another Tabchain) and start again.`);
  } else if (https) {
    note.push('To have those made without https back, start without --https.');
  }
  const here = `${https ? 'https' : 'http'}, port ${port}`;
  note.push(`To use one here (${here}), save its key file there and open it here.`);
  return note;
}
