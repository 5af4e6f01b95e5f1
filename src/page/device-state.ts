import type { DeviceState } from '../api/service.ts';

/** Chromium's Battery Status API (W3C), only on secure pages; other browsers do not have it. */
interface Battery extends EventTarget {
  readonly charging: boolean;
}

/** Calls `tell` with the device state (battery, visibility) at once and at each change, as long as the page lives. */
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
    // A policy forbids the API: as if the device had no battery.
    () => undefined,
  );
}
