/* The data files that come with the toolkit; see entities/ and presets/. This target holds no code. */
#ifndef ILS_DATA_H
#define ILS_DATA_H
int ils_data_version(void);
#endif
