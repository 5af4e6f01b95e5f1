/** Work that a button starts: whether it is under way, and why it failed. */
export class Task {
  busy = $state(false);
  /** Null until the work fails, and again from the next attempt on. */
  error = $state.raw<unknown>(null);

  /** Never rejects. */
  async run(work: () => Promise<unknown>): Promise<void> {
    [this.busy, this.error] = [true, null];
    try {
      await work();
    } catch (thrown) {
      this.error = thrown;
    } finally {
      this.busy = false;
    }
  }
}
