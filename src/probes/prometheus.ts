/** A sample of Prometheus' text format. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const line =
  /^([A-Za-z_:][\w:]*)\s*(?:\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?\s*([+-]?(?:Inf|NaN|[\d.]+(?:e[+-]?\d+)?))(?:\s|$)/i;
const label = /([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"/g;

/** Returns the samples of a text; passes over comments and all else. */
export const samplesOf = (text: string): Sample[] =>
  text.split('\n').flatMap((one) => {
    const [, name, labels = '', value] = line.exec(one.trim()) ?? [];
    return name === undefined || value === undefined
      ? []
      : [{ name, labels: labelsOf(labels), value: numberOf(value) }];
  });

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(label)].map(([, name, value]) => [name, unescaped(value!)]));

const unescaped = (text: string): string => text.replace(/\\(.)/g, (_, char) => (char === 'n' ? '\n' : char));

const numberOf = (text: string): number => Number(text.replace(/inf$/i, 'Infinity'));
