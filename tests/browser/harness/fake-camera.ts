import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'uqr';

const [WIDTH, HEIGHT] = [640, 480];
/** Light modules around a code, as its standard asks. */
const QUIET_MODULES = 4;
const [BLACK, WHITE, NO_COLOUR] = [16, 235, 128];

/** A video file that Chromium plays in place of a camera. It shows the QR code of a text. */
export class FakeCamera {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tabchain-camera-'));
  /** Flags that make Chromium use it, and allow each page to. */
  readonly flags: string[];

  constructor(text: string) {
    const path = join(this.#folder, 'code.y4m');
    writeFileSync(path, videoOf(text));
    this.flags = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${path}`];
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One frame in the format of YUV4MPEG2; Chromium repeats it. */
function videoOf(text: string): Buffer {
  const { data, size } = encode(text, { ecc: 'L', border: QUIET_MODULES });
  const scale = Math.floor(HEIGHT / size);
  const [left, top] = [(WIDTH - size * scale) >> 1, (HEIGHT - size * scale) >> 1];
  const brightness = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  for (let y = 0; y < size * scale; y++) {
    for (let x = 0; x < size * scale; x++) {
      if (data[Math.floor(y / scale)]![Math.floor(x / scale)]) brightness[(top + y) * WIDTH + left + x] = BLACK;
    }
  }
  const header = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`;
  return Buffer.concat([Buffer.from(header), brightness, Buffer.alloc((WIDTH * HEIGHT) / 2, NO_COLOUR)]);
}
