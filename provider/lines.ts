/** Lines of tasks that wait: the first of a line goes as soon as it may, and nobody behind it is woken for nothing. */

interface Waiting {
  readonly urgent: boolean;
  readonly go: () => void;
}

/** One line for each place. */
export class Lines<P> {
  private readonly lines = new Map<P, Waiting[]>();
  private waiting = 0;

  /** @param mayGo whether the first one in line may go now, and whether it is urgent */
  constructor(private readonly mayGo: (place: P, urgent: boolean) => boolean) {}

  /** How many wait in all lines. */
  get length(): number {
    return this.waiting;
  }

  /** Whether a place that somebody waits for is such a one. */
  some(isIt: (place: P) => boolean): boolean {
    for (const place of this.lines.keys()) if (isIt(place)) return true;
    return false;
  }

  /** Whether somebody waits for a place. */
  has(place: P): boolean {
    return this.lines.has(place);
  }

  /**
   * Runs a task in its turn; it begins, up to where it first awaits something, before anything else is looked at.
   *
   * @param urgent whether it goes to the head of the line
   */
  run<T>(place: P, task: () => Promise<T>, urgent = false): Promise<T> {
    return new Promise((resolve) => {
      const line = this.lines.get(place) ?? [];
      const waiting = { urgent, go: () => resolve(task()) };
      if (urgent) line.unshift(waiting);
      else line.push(waiting);
      this.lines.set(place, line);
      this.waiting++;
      this.advance();
    });
  }

  /** Lets everybody go who may: to be called whenever that may have changed. */
  advance(): void {
    // One that goes may be what others have waited for, so that it takes another look at all of them.
    for (let gone = true; gone; ) {
      gone = false;
      for (const [place, line] of this.lines) while (this.next(place, line)) gone = true;
    }
  }

  private next(place: P, line: Waiting[]): boolean {
    const [first] = line;
    if (first === undefined || !this.mayGo(place, first.urgent)) return false;
    line.shift();
    if (line.length === 0) this.lines.delete(place);
    this.waiting--;
    first.go();
    return true;
  }
}
