import * as z from 'zod';

// zod compiles validators with `new Function` where it may. The page's Content-Security-Policy forbids that, and
// even the attempt is reported as a violation: so it is told before any schema is made. Import this file first.
z.config({ jitless: true });
