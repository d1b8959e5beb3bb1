function __tierwiseOther<T>(value: T, depth: number = 0): T {
  const other = (inner: any): any => __tierwiseOther(inner, depth + 1);
  const v: any = value;
  if (v === null || v === undefined || depth > 4) return value;
  if (typeof v === "number") return (Number.isFinite(v) ? v + 1 : 1) as any;
  if (typeof v === "bigint") return (v + BigInt(1)) as any;
  if (typeof v === "boolean") return !v as any;
  if (typeof v === "string") {
    return (v === "" ? "x" : Array.from(v, (c) => String.fromCodePoint(c.codePointAt(0)! ^ 1)).join("")) as any;
  }
  if (typeof v === "function") {
    if (/^class\b/.test(Function.prototype.toString.call(v))) return value;
    return function (this: any, ...rest: any[]) { return other(v.apply(this, rest)); } as any;
  }
  if (Array.isArray(v)) return (v.length === 0 ? [0] : v.map(other)) as any;
  if (v instanceof Promise) return v.then(other) as any;
  if (v instanceof Date) return new Date(v.getTime() + 86400000) as any;
  if (v instanceof Map) return new Map(v.size === 0 ? [[0, 0]] : Array.from(v, ([k, w]: any) => [k, other(w)])) as any;
  if (v instanceof Set) return new Set(v.size === 0 ? [0] : Array.from(v, other)) as any;
  if (v instanceof RegExp || v instanceof Error || typeof v !== "object") return value;
  if (typeof v.next === "function" && typeof v[Symbol.iterator] === "function") {
    return (function* () { for (const item of v) yield other(item); })() as any;
  }
  const copy: any = Object.create(Object.getPrototypeOf(v));
  let isChanged = false;
  for (const key of Object.keys(v)) {
    const changed = other(v[key]);
    isChanged = isChanged || changed !== v[key];
    Object.defineProperty(copy, key, { value: changed, writable: true, enumerable: true, configurable: true });
  }
  if (!isChanged && Object.getPrototypeOf(v) === Object.prototype) copy.x = 0;
  else if (!isChanged) return value;
  return copy;
}
