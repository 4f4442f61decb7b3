/** The languages that the kiosk page has words in, by BCP 47 tag (agent/kiosk-page/locales). */
export const PAGE_LANGUAGES = [
  'zh-CN',
  'zh-HK',
  'en',
  'ja',
  'ko',
  'ru',
  'fr',
  'es',
  'de',
  'ar',
  'vi',
  'th',
  'hi',
  'id',
  'ms',
  'pt',
] as const;
