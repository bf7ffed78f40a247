/** Search attributes of releases in the Web UI, with Temporal's names of their types. */
export const searchAttributeTypes = {
  BelayPlatform: 'Keyword',
  BelayServices: 'KeywordList',
  BelayVersion: 'Keyword',
  BelayPhase: 'Keyword',
  BelayOutcome: 'Keyword',
} as const;
