import type { DeviceState } from '../api/service.ts';

/** Chromium's Battery Status API (W3C), on secure pages alone; other browsers do not tell. */
interface Battery extends EventTarget {
  readonly charging: boolean;
}

/** Tells at once, and whenever it changes, what mining may have to go easy on; for as long as the page lives. */
export function watchDeviceState(tell: (deviceState: DeviceState) => void): void {
  let battery: Battery | null = null;
  const look = (): void => tell({ onBattery: battery !== null && !battery.charging, hidden: document.hidden });
  document.addEventListener('visibilitychange', look);
  look();
  const { getBattery } = navigator as { getBattery?: () => Promise<Battery> };
  getBattery?.call(navigator).then(
    (found) => {
      battery = found;
      battery.addEventListener('chargingchange', look);
      look();
    },
    // Forbidden by a policy: as if there were none.
    () => undefined,
  );
}
