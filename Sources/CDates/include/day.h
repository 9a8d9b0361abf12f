/* The calendar of ISO 8601, as ten bytes write it. */
#ifndef ILS_DAY_H
#define ILS_DAY_H

#include <stdint.h>

/* The day that ten bytes write as YYYY-MM-DD, as year << 9 | month << 5 | day; 0 where they write none (years 1 to 9999). */
static inline long ils_iso_day(const void *text) {
  static const uint8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const uint8_t *p = (const uint8_t *)text;
  uint32_t d[10], worst = 0;
  for (int i = 0; i < 10; i++) d[i] = (uint8_t)(p[i] - '0');
  for (int i = 0; i < 10; i++) worst |= i == 4 || i == 7 ? 0 : (d[i] > 9);
  uint32_t year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3], month = d[5] * 10 + d[6], day = d[8] * 10 + d[9];
  if (worst | (p[4] != '-') | (p[7] != '-') | (year == 0) | (month - 1 > 11)) return 0;
  uint32_t most = lengths[month];
  if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) most = 29;
  return day - 1 < most ? (long)(year << 9 | month << 5 | day) : 0;
}

#endif
