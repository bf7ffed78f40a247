export { countIn, fewestCompared, seriesDefaults } from '../spec/series';
