import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { FakeCamera } from './harness/fake-camera.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

interface CameraWindow {
  tracks: MediaStreamTrack[];
}

/** Every page with a scanner reads codes from the camera and from pictures. */
describe.sequential('QR codes', () => {
  let server: TestServer;
  let camera: FakeCamera;
  let browser: Chromium;
  let alex: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    const url = server.url + testNetworkLink('scan', { grant: 5_000_000 });
    camera = new FakeCamera(`${url}&at=/transfer?to%3Dalex%26amount%3D1.5%26memo%3Dcake`);
    browser = await Chromium.launch({ flags: camera.flags });
    alex = await browser.newTab('alex');
    await alex.page.addInitScript(() => {
      const recording = window as unknown as CameraWindow;
      recording.tracks = [];
      const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (wanted) => {
        const stream = await open(wanted);
        recording.tracks.push(...stream.getTracks());
        return stream;
      };
    });
    await alex.open(url);
    await alex.call('register', { name: 'alex', passphrase: 'correct horse battery' });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex], 'a registered name', ([status]) => status!.account?.registration === 'confirmed');
    await alex.call('mine', false);
  });

  afterAll(async () => {
    await browser?.dispose();
    camera?.dispose();
    await server?.kill();
  });

  const dialog = () => alex.page.getByRole('dialog', { name: 'Scan a QR code' });
  const scan = () => alex.page.getByRole('button', { name: 'Scan', exact: true }).click();
  const tracks = () => alex.page.evaluate(() => (window as unknown as CameraWindow).tracks.map(({ readyState }) => readyState));

  async function pictureOf(name: string): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
    return { name: 'code.png', mimeType: 'image/png', buffer: await alex.page.getByRole('img', { name }).screenshot() };
  }

  const field = (label: string): Promise<string> => alex.page.getByLabel(label, { exact: true }).inputValue();

  test('the camera reads a payment link, fills the form, and is switched off', async () => {
    await go(alex, '/transfer');
    await scan();
    await dialog().getByRole('button', { name: 'Scan with the camera' }).click();
    await dialog().waitFor({ state: 'detached' });
    expect(await Promise.all(['Recipient', 'Amount', 'Memo'].map(field))).toEqual(['alex', '1.5', 'cake']);
    expect(await tracks()).toEqual(['ended']);
  });

  test('closing the dialog switches the camera off', async () => {
    // A video without a code: the frames that the page reads are blank.
    await alex.page.evaluate(() => (CanvasRenderingContext2D.prototype.drawImage = () => undefined));
    await scan();
    await dialog().getByRole('button', { name: 'Scan with the camera' }).click();
    await dialog().getByText('Hold the code in front of the camera.').first().waitFor();
    await expect.poll(tracks).toEqual(['ended', 'live']);
    await alex.page.keyboard.press('Escape');
    await expect.poll(tracks).toEqual(['ended', 'ended']);
    await alex.reload();
    await alex.call('login', { passphrase: 'correct horse battery' });
  });

  test('a picture of an account’s code fills the recipient', async () => {
    await go(alex, '/transfer');
    const picture = await pictureOf('QR code of your payment link');
    const { account } = await alex.status();
    await scan();
    await dialog().getByLabel('Picture of the code').setInputFiles(picture);
    await dialog().waitFor({ state: 'detached' });
    expect(await field('Recipient')).toBe(account!.address);
    expect(await field('Amount')).toBe('');
  });

  test('a picture of a receipt’s code is checked; a picture without a code says so', async () => {
    await go(alex, '/blocks/1');
    await alex.page.getByRole('button', { name: 'Receipt', exact: true }).click();
    const picture = await pictureOf('QR code of the receipt');
    await alex.page.keyboard.press('Escape');
    await go(alex, '/receipt');
    await scan();
    const blank = await alex.page.getByRole('heading', { level: 1 }).screenshot();
    await dialog().getByLabel('Picture of the code').setInputFiles({ name: 'title.png', mimeType: 'image/png', buffer: blank });
    await dialog().getByText('There is no QR code in this picture.', { exact: false }).waitFor();
    // Dropped beside the drop zone: the page behind the dialog, which takes files of receipts, must not take it.
    await alex.page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], 'code.png', { type: 'image/png' }));
      document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    }, picture.buffer.toString('base64'));
    await alex.page.getByText('Proven', { exact: true }).waitFor();
    expect(alex.problems).toEqual([]);
  });
});
