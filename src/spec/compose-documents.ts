import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseAllDocuments, visit } from 'yaml';

const options = { logLevel: 'silent', prettyErrors: false, merge: true } as const;

/** The documents of a Compose file, in the order in which Compose merges them; empty for invalid YAML. */
export function documentsOf(text: string): Document[] {
  const documents = [...parseAllDocuments(text, options)];
  return documents.some(({ errors }) => errors.length > 0) ? [] : documents;
}

/** The target of an alias; any other node as it is. */
export const followed = (document: Document, node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

/** The values of all keys with one of these names, at any depth. */
export function valuesAt(document: Document, names: string[]): unknown[] {
  const found: unknown[] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && names.includes(String(key.value))) found.push(followed(document, value));
    },
  });
  return found;
}

/** The pairs of a mapping, including mappings merged into it (`<<`). */
export function pairsOf(document: Document, node: unknown, seen = new Set<unknown>()): Pair[] {
  const mapping = followed(document, node);
  if (!isMap(mapping) || seen.has(mapping)) return [];
  seen.add(mapping);
  return mapping.items.flatMap((pair) => {
    if (!isMerge(pair.key)) return [pair];
    const merged = followed(document, pair.value);
    return (isSeq(merged) ? merged.items : [merged]).flatMap((one) => pairsOf(document, one, seen));
  });
}

const isMerge = (key: unknown): boolean =>
  isScalar(key) && (key.value === '<<' || (typeof key.value === 'symbol' && key.value.description === '<<'));
