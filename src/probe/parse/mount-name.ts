/** Undoes the kernel's octal escapes (`\040`) in names of mounts and devices. @see getmntent(3) */
export function mountName(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  return escaped.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
