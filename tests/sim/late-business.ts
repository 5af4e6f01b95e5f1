import type { World } from './world.ts';

/** The amount of the late payment: less than one block pays its miner. */
const AMOUNT = '0.01';

/**
 * A payment and a registration in a world that has recovered, while hostile tabs may fill the mempools. Both must be on the chain when
 * mining ends (`Checks.gotIn`).
 */
export function lateBusiness(world: World): void {
  const { checks } = world;
  const ready = world.honest().filter((tab) => tab.running && tab.page?.ready);
  const payee = ready[0];
  // Tries payers one after another until one has the coins.
  const pay = async (payers: typeof ready): Promise<void> => {
    const [payer, ...others] = payers;
    if (!payer?.page || !payee) return;
    const { page } = payer;
    await page.node
      .transfer({ to: payee.account!.addressText, amount: AMOUNT, memo: '', sealed: false })
      .then(({ txid }) => {
        checks.promised(payer, txid);
        checks.expectSoon(payer, txid, 'late:paid');
      })
      .catch(() => pay(others));
  };
  void pay(ready.filter(({ bound }) => bound));
  const guest = ready.find((tab) => tab.account && !tab.bound && !tab.registrationAsked && !tab.twin);
  guest?.register((txid) => checks.expectSoon(guest, txid, 'late:registered'));
}
