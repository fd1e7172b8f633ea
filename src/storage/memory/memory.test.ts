import { storageSuite } from '../testing/suite.ts';
import { openMemoryStorage } from './index.ts';

storageSuite('memory', {
  durable: false,
  open: async (_directory, history) =>
    openMemoryStorage({ ...(history === undefined ? {} : { history }), frozen: true }),
});
