/** What a plan has to say of one service. */
export interface Warned {
  service: string;
  warnings: string[];
}

/** Returns each warning once, after the names of all services that it is about: `api, web: no route …`. Pure. */
export function warningLines(all: Warned[]): string[] {
  const services = new Map<string, string[]>();
  for (const { service, warnings } of all)
    for (const text of new Set(warnings)) services.set(text, [...(services.get(text) ?? []), service]);
  return [...services].map(([text, names]) => `${names.join(', ')}: ${text}`);
}
