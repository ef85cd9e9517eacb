/**
 * A pure function that remembers its answers. What it is asked comes from logs and has no bound: when `most` are
 * remembered, all are forgotten.
 */
export function memo<K, V extends object | string>(find: (key: K) => V, most = 20_000): (key: K) => V {
  const found = new Map<K, V>();
  return (key) => {
    const known = found.get(key);
    if (known !== undefined) return known;
    const answer = find(key);
    if (found.size >= most) found.clear();
    found.set(key, answer);
    return answer;
  };
}

/** Makes something when it is first asked for: data are read on first use. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
