// A value that screens watch. All the state that the view shares between screens is held in these.
import { useEffect, useState } from "preact/hooks";

export class Store<T> {
  private readonly watchers = new Set<() => void>();
  private value: T;

  constructor(value: T) {
    this.value = value;
  }

  get(): T {
    return this.value;
  }

  set(value: T): void {
    this.value = value;
    for (const watcher of [...this.watchers]) watcher();
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [, redraw] = useState({});
  const seen = store.get();
  useEffect(() => {
    // It may have changed between drawing and now.
    if (store.get() !== seen) redraw({});
    return store.watch(() => redraw({}));
    // `seen` is of the first drawing only, on purpose.
  }, [store]);
  return seen;
}
