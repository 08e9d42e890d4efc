/** A virtual machine as its cloud knows it. The clouds read it at every call, so that what changes is seen. */
export interface CloudMachine {
  readonly name: string;
  /** GCE zone (`us-central1-a`), or Azure location and zone (`westus2-1`). */
  readonly zone: string;
  readonly power: 'running' | 'stopped';
  readonly privateAddress: string;
  /** `null` when it has none; a stopped one has none either. */
  readonly publicAddress: string | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Network tags; GCE only. */
  readonly tags: readonly string[];
  /** Epoch ms. */
  readonly bootedAt: number;
  /** Whether a balancer's probe of it is answered well now. */
  readonly healthy: boolean;
}

/** A number of many digits that always belongs to this text: ids as the clouds give them. */
export function numericId(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return String(hash >> 1n);
}

/** A UUID that always belongs to this text. */
export function uuidOf(text: string): string {
  const hex = [text, `${text}#`].map((part) => BigInt(numericId(part)).toString(16).padStart(16, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
