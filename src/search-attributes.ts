/** Search attributes of releases in the Web UI, with Temporal's names of their types. */
export const searchAttributeTypes = {
  BelayPlatform: 'Keyword',
  BelayServices: 'KeywordList',
  BelayVersions: 'KeywordList',
  BelayPhase: 'Keyword',
  BelayOutcome: 'Keyword',
} as const;
