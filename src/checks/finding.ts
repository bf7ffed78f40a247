/** The result of one check of a host before a release. */
export interface Finding {
  /** Subject of the check, in a word or two. */
  name: string;
  /** fail: a release cannot succeed. warn: a release can succeed, but see the text. */
  state: 'ok' | 'warn' | 'fail';
  /** The finding. */
  text: string;
  /** What to do. */
  hint?: string;
}

export const ok = (name: string, text: string): Finding => ({ name, state: 'ok', text });
export const warn = (name: string, text: string, hint?: string): Finding => ({ name, state: 'warn', text, hint });
export const fail = (name: string, text: string, hint?: string): Finding => ({ name, state: 'fail', text, hint });
