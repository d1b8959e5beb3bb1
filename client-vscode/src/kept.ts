/** A map that forgets. */

/** Set an entry as the newest; the oldest beyond `most` are forgotten. */
export function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
