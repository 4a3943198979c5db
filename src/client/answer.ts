/**
 * The promise of a mutation, or of what was asked for. It knows whether anybody looked at it (`await`, `then`, `catch`), so that
 * a rejection which nobody looks at can be reported instead: it neither vanishes nor, as an unhandled
 * rejection, ends a Node process.
 */
export class Answer<T = void> extends Promise<T> {
  // What `then` makes is an ordinary promise, with the ordinary rules for rejections left unhandled.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  observed = false;

  // oxlint-disable-next-line unicorn/no-thenable -- this is a promise
  override then<A = T, B = never>(
    fulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.observed = true;
    return super.then(fulfilled, rejected);
  }

  /** Calls `report` if this is rejected and nobody has looked at it by then. Answers itself. */
  watch(report: (error: unknown) => void): this {
    super.then(undefined, (error: unknown) => {
      // `await` looks a few microtasks after the call; one that was refused on the spot waits for that.
      setTimeout(() => {
        if (!this.observed) report(error);
      });
    });
    return this;
  }
}
