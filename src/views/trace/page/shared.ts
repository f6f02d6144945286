/** A value that several parts of the page share. */
export class Shared<Value> {
  private now: Value;
  private readonly listeners: (() => void)[] = [];

  constructor(value: Value) {
    this.now = value;
  }

  get value(): Value {
    return this.now;
  }

  /** Changes the value and tells everybody who listens. */
  set(value: Value): void {
    this.now = value;
    for (const listener of this.listeners) listener();
  }

  listen(listener: () => void): void {
    this.listeners.push(listener);
  }
}
