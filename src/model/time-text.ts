/** Of milliseconds: `1 h 30 min`. */
export const timeText = (time: number): string => {
  const parts = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60, Math.round(time / 1000) % 60];
  return parts.flatMap((part, index) => (part > 0 ? [`${part} ${['h', 'min', 's'][index]}`] : [])).join(' ') || '0 s';
};
