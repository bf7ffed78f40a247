import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, parseAllDocuments, visit } from 'yaml';

const options = { logLevel: 'silent', prettyErrors: false, merge: true } as const;

/** The documents of a Compose file, which Compose merges in their order; none of what is no YAML. */
export function documentsOf(text: string): Document[] {
  const documents = [...parseAllDocuments(text, options)];
  return documents.some(({ errors }) => errors.length > 0) ? [] : documents;
}

/** What an alias leads to, and anything else as it is. */
export const followed = (document: Document, node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

/** What stands at each key that has one of these names, wherever it is. */
export function valuesAt(document: Document, names: string[]): unknown[] {
  const found: unknown[] = [];
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && names.includes(String(key.value))) found.push(followed(document, value));
    },
  });
  return found;
}

/** The pairs of a mapping, and of those that are merged into it (`<<`). */
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
