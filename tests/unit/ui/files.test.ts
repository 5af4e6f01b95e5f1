import { expect, test } from 'vitest';
import { isInsideAnotherApp, keyFileName, sameKeyFile } from '../../../src/ui/kit/files.ts';

const PEM = 'Tabchain key file\n\nName: alex\n\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIF\nabcd\n-----END ENCRYPTED PRIVATE KEY-----\n';

test.each([
  [true, PEM],
  [true, PEM.replaceAll('\n', '\r\n')],
  [true, PEM.slice(PEM.indexOf('-----'))],
  [true, PEM.replaceAll('\n', ' ')],
  [false, PEM.replace('MIIF', 'MIIG')],
  [false, PEM.slice(0, -40)],
  [false, ''],
  [false, 'hello'],
  [false, PEM + 'x'.repeat(70_000)],
])('%s: a file is the key file that was saved (%#)', async (same, text) => {
  expect(await sameKeyFile(new Blob([text]), PEM)).toBe(same);
});

test('pages inside chat and social apps are known', () => {
  const android = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)';
  const apps = [
    `${android} Version/4.0 Chrome/130.0 Mobile Safari/537.36 Line/14.1.0/IAB`,
    `${android.replace('Pixel 8', 'Pixel 8; wv')} Version/4.0 Chrome/130.0 Mobile Safari/537.36`,
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/450.0]',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0',
  ];
  expect(apps.map(isInsideAnotherApp)).toEqual(apps.map(() => true));
  expect(isInsideAnotherApp(`${android} Chrome/130.0 Mobile Safari/537.36`)).toBe(false);
  expect(isInsideAnotherApp('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe(false);
  expect(keyFileName('alex')).toBe('alex.tabchain-key.pem');
});
