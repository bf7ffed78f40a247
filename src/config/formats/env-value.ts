/**
 * A value as an env file writes it, in the quotes of the former text where they can hold it. References stay, and `$$`
 * is a dollar sign. Pure.
 */
export function envValue(value: string, former: string): string {
  const quote = former[0] === '"' || former[0] === "'" ? former[0] : '';
  if (quote === '' && /^[\w./:@%+,=~-]*$/.test(value)) return value;
  const isPlain = !/\$/.test(value.replaceAll('$$', ''));
  const plain = value.replaceAll('$$', '$');
  if (isPlain && quote !== '"' && !/['\\\n\r]/.test(plain)) return `'${plain}'`;
  return `"${value.replace(/["\\\n\r\t]/g, (one) => escaped[one]!)}"`;
}

const escaped: Record<string, string> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
