/** The servers keys are for, written as the server of ours writes them: scheme, host and port. */

const PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/** `https://api.example:443` for an address; undefined for what is no web address. */
export function originOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, hostname, port } = new URL(address);
  const known = PORTS[protocol];
  return known === undefined || hostname === '' ? undefined : `${protocol}//${hostname}:${port === '' ? known : port}`;
}

/** The origin as people read it, without the port everybody expects. */
export function shownOrigin(origin: string): string {
  return origin.replace(/^(https:\/\/.*):443$|^(http:\/\/.*):80$/, '$1$2');
}
