import { expect, test } from 'vitest';
import { watchWakes } from '../../../src/page/wakes.ts';

class Connection extends EventTarget {
  type = 'wifi';
}

function scene(): { window: EventTarget; document: EventTarget & { hidden: boolean }; connection: Connection; told: boolean[] } {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), { hidden: false });
  const connection = new Connection();
  const told: boolean[] = [];
  watchWakes({ window, document, connection }, (stale) => void told.push(stale));
  return { window, document, connection, told };
}

test('a network that is back, and a page that was frozen or comes back from the page cache, may have missed blocks', () => {
  const { window, document, told } = scene();
  window.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('resume'));
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  expect(told).toEqual([true, true, true]);
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  expect(told).toHaveLength(3);
});

test('a page that becomes visible only checks its links; a page that is hidden does nothing', () => {
  const { document, told } = scene();
  document.hidden = true;
  document.dispatchEvent(new Event('visibilitychange'));
  document.hidden = false;
  document.dispatchEvent(new Event('visibilitychange'));
  expect(told).toEqual([false]);
});

test('another network may have cost blocks, another speed of the same network has not', () => {
  const { connection, told } = scene();
  connection.dispatchEvent(new Event('change'));
  connection.type = 'cellular';
  connection.dispatchEvent(new Event('change'));
  connection.dispatchEvent(new Event('change'));
  expect(told).toEqual([false, true, false]);
});

test('a browser without Network Information is watched by its other events', () => {
  const window = new EventTarget();
  const told: boolean[] = [];
  watchWakes({ window, document: Object.assign(new EventTarget(), { hidden: false }), connection: undefined }, (stale) => told.push(stale));
  window.dispatchEvent(new Event('online'));
  expect(told).toEqual([true]);
});
