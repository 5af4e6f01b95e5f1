import { renderUnicodeCompact } from 'uqr';
import type { PageLinks } from './addresses.ts';
import type { Settings } from './settings.ts';

/** The text printed when the server has started. @param port the port in use */
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
  if (others.length > 0) lines.push('', `The QR code leads to ${best}. If a device cannot reach it, try the next link.`);
  if (settings.https) lines.push('', 'The certificate is self-signed: each browser warns once. Continue past the warning.');
  lines.push('', ...accountsNote(settings, port, moved), '', 'Press Ctrl+C to stop.', '');
  return lines.join('\n');
}

function signalingNote({ local, lan }: PageLinks): string[] {
  const all = local === null ? lan : [local, ...lan];
  return [
    'The signaling server is running. It serves no page. Add one of these to the link of a page:',
    '',
    ...all.map((link) => `  &signal=${new URL('signal', link.replace(/^http/, 'ws')).href}`),
    '',
    'ALLOWED_HOSTS must name the hosts of these pages, separated by commas; * allows all.',
    '',
    'Press Ctrl+C to stop.',
    '',
  ];
}

/** An account that seems to be gone was almost always made under another address. */
function accountsNote({ https, port: wanted }: Settings, port: number, moved: boolean): string[] {
  const note = [
    'Browsers keep accounts for each exact address: http or https, host name and port. Accounts made under another address are not shown here.',
  ];
  if (moved) {
    note.push(`To have those of port ${wanted} back, stop the program that uses the port (perhaps another Tabchain) and start again.`);
  } else if (https) {
    note.push('To have those made without https back, start without --https.');
  }
  const here = `${https ? 'https' : 'http'}, port ${port}`;
  note.push(`To use such an account here (${here}), save its key file there and open the file here.`);
  return note;
}
