import { storageSuite } from '../testing/suite.ts';
import { openSqliteStorage } from './index.ts';

storageSuite('sqlite', {
  durable: true,
  open: (directory, history) =>
    openSqliteStorage({ directory, ...(history === undefined ? {} : { history }) }),
});
