/** Longer side, in pixels, at which a picture is searched for a code: more pixels cost time, fewer lose small codes. */
const PICTURE_PIXELS = 1_600;
/** The same for a picture from the camera, several of which are searched in a second. */
const CAMERA_PIXELS = 800;
/** Larger files are no photographs, and would only take memory. */
const MAX_PICTURE_BYTES = 50 * 2 ** 20;
/** Between two pictures of the camera, so that the page stays responsive while it searches. */
const CAMERA_PAUSE_MS = 120;

export type ScanFault = 'refused' | 'missing' | 'failed' | 'empty' | 'unreadable' | 'code';

/** Why a scan failed. Only the scanner shows this to the person, so there is no error code. */
class ScanFailure extends Error {
  readonly fault: ScanFault;

  constructor(fault: ScanFault) {
    super(fault);
    this.fault = fault;
  }
}

type Read = (source: CanvasImageSource, width: number, height: number, pixels: number) => string | null;

/**
 * A reader of QR codes. Its library is loaded at the first use. Of 80 drawn pictures (turned, blurred, noisy, unevenly lit), `qr` read 80,
 * zxing-wasm 79 with 947 kB of WebAssembly, and jsqr 53.
 * @throws ScanFailure `code` if the library could not be loaded
 */
async function loadReader(): Promise<Read> {
  const { decodeQR } = await import('qr/decode.js').catch(() => {
    throw new ScanFailure('code');
  });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return (source, width, height, pixels) => {
    if (!context || width === 0 || height === 0) return null;
    const scale = Math.min(1, pixels / Math.max(width, height));
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    // A transparent picture lies on white paper.
    context.fillStyle = '#fff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      // The library throws where it finds no code.
      return null;
    }
  };
}

/** The text of the code in a picture. @throws ScanFailure `unreadable`, `empty`, `code` */
export async function readPicture(file: Blob): Promise<string> {
  if (file.size > MAX_PICTURE_BYTES) throw new ScanFailure('unreadable');
  const read = await loadReader();
  const picture = await createImageBitmap(file).catch(() => {
    throw new ScanFailure('unreadable');
  });
  try {
    for (const pixels of [PICTURE_PIXELS, CAMERA_PIXELS]) {
      const text = read(picture, picture.width, picture.height, pixels);
      if (text !== null) return text;
    }
    throw new ScanFailure('empty');
  } finally {
    picture.close();
  }
}

/** Whether the page may ask for the camera; browsers offer it on https and on localhost. */
export function mayUseCamera(): boolean {
  return typeof navigator.mediaDevices?.getUserMedia === 'function';
}

/**
 * Shows the camera in `video` until it sees a code.
 * @param signal ends the search
 * @returns the text of the code; null if the search was ended
 * @throws ScanFailure `refused`, `missing`, `failed`, `code`
 */
export async function readCamera(video: HTMLVideoElement, signal: AbortSignal): Promise<string | null> {
  const read = await loadReader();
  const stream = await openCamera();
  try {
    video.srcObject = stream;
    if (!signal.aborted) await video.play();
    while (!signal.aborted) {
      const text = read(video, video.videoWidth, video.videoHeight, CAMERA_PIXELS);
      if (text !== null) return text;
      await new Promise((resolve) => setTimeout(resolve, CAMERA_PAUSE_MS));
    }
    return null;
  } catch (error) {
    if (signal.aborted) return null;
    throw error instanceof ScanFailure ? error : new ScanFailure('failed');
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function openCamera(): Promise<MediaStream> {
  try {
    // The camera on the back of a phone; any other where there is none.
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1_280 } } });
  } catch (error) {
    const { name } = error as { name?: unknown };
    const faults: Record<string, ScanFault> = {
      NotAllowedError: 'refused',
      SecurityError: 'refused',
      NotFoundError: 'missing',
      OverconstrainedError: 'missing',
    };
    throw new ScanFailure(faults[String(name)] ?? 'failed');
  }
}

/** The fault of a failed scan. */
export function faultOf(error: unknown): ScanFault {
  return error instanceof ScanFailure ? error.fault : 'failed';
}
