// Bodies made by other encoders than node's, from `LOREM` in lorem.txt:
//   zstd -q -19 lorem.txt -o -            (sizes known, a checksum)
//   zstd -q -3 < lorem.txt                (as a stream: no content size)
//   printf 'hello ' | zstd -q --no-check; printf 'world' | zstd -q       (two frames)
//   python3 -c 'import brotli; brotli.compress(open("lorem.txt", "rb").read())'

export const LOREM = Array.from(
  { length: 400 },
  (_, index) => `line ${index}: the quick brown fox jumps over the lazy dog\n`,
).join("");

export const ZSTD_19 =
  "KLUv/WTyUoUTACYsWRxQT0lzDz9oGW22GTezZmaGME1EhIh8TRhVY3sNawBaAEUAwkZdWVVRTbVYUqIGHRkVEQ2VSEKCxtzY" +
  "1NDMdDgyYkav1ip12rJS0cGjsUgclqRQcMiJSQnJSIUiMs6KppQBHHgosIULAhweMEx4GEKDBRISXOHBwAwoPDwYsAICDRIc" +
  "zIAgwgHEDAwaHAI0pYgh46yOTqQUcTLOiqYUYTLOiqYUUTLOiqYUQTLOiqYUMTLOiqYUURlnRVOKoIyzoilFiIyzoilFCBnj" +
  "ho0aNGZ0cMgQY9ydXR3dXI8nJ27YmVkZ2ViNJhb33nvvvffeOeecc84555xzzjnnnHPOOeecc84555xzcpwVTSmCOM6KphQx" +
  "HGdFU4oox1nRlCLIcVY0pQjhOCuaUoTgOKu9995777333nvvvffee++9995777333nvvvffee++9995777333nvvvffee++9" +
  "995777333ntvgZGoIWR6O/sdwSuVlgMSQCAI/P//CP7NyMzMmJmZmTFmZmZmxszMzMyYmZkxM2ZmZmbGzMzMTBN7DH9khBAR" +
  "ERERIiIiIkJERESKFBEREREiIiIiQkREiIgQERERESIiIoakjYqFaCFahBqJUNEiegqJaBEtghqJUNEi9ASJaBFZhBpEqIhF" +
  "9ASJaCFahBpEZM9IiaECoSdIiBbRRahBhIouoidIRAvRSqhBhBQtoidIhBbRItQgBBUtoieQiBbRIpRBhIoWke0pQwRAAAAA" +
  "AAgAAAAAAQIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAIwVQyGgAEwAPT2dCmAajGlqkl82EA=";

export const ZSTD_STREAM =
  "KLUv/QRYTRAAZl1DGWA3FBsPJT2U9FBiBkHkLbJ3Spk88JCsBitNADcANQBERERE////v23btt22bduSJEmSMzMzM3NWdJdz" +
  "GDwoNAAgQBQcGhsCDRMGFxAHRYSDxcKRAXFwPGBATAwcDAQKFhKHQULFESCHwYNCQ2ZmZlVVVVVVRERERET///+/bdu23bZt" +
  "25IkSZIzMzMzIyIiIiIyd3d3d3dmZmZmZlVVVVVVRAF3d2ZmZmZmVVVVVVVERERERP///79t27bdtm3bkiRJkjMzMzMzQqFQ" +
  "KBQKhULh3d3d3Z2ZWXd3d3d3ZmZmZmZVVVVVVURERERE////v23btt22bduSJEmSMzMzMzNSqVQqlUqlUund3V2BkKgh7O3X" +
  "dsFnlKsBEkgQ+P//EfwBSJJUIqlEkkgqSRKVJElFkqSSSFKRJFJJkqQkSSqRJJUkkkqSiBPlh/JD+aH8oIwkSUSSJJJIEkkS" +
  "EUmShCRJIpEkkSSSSJJEJJEkIkkSSSSJJImmKD+UH8oPxQ9lJJGEJEkikSSRJJJIkkQkSRIhSRJJJIkkiUSSJCFJkkgkkkiS" +
  "/fThU5hUXkXJVZRaRYlVlFZFkaoopYoSqiidikqZykSSRJJMIkmSIkmSiCRJJJEkkiQSSZKERJJEIkkiSSSRpKcCDQWaCTQS" +
  "qESggUDzgMYB/dKAigEAIAAaCDctqBaAtApJfNhA";

export const ZSTD_TWO_FRAMES = "KLUv/QBYMQAAaGVsbG8gKLUv/QRYKQAAd29ybGTvUe5m";

export const BROTLI =
  "G/FTAJwJNk6odzc8VaeQxi+nDE9LkDO8eEsQhTn+oZ0A9vBjBnUXaDCbjjzAeYz1bUnKME32Ue925JpH7788Z277uOrnK52G" +
  "ppa2jm49evXdRxmuA5xc3Dy8+fDVl7M4OLm4eXjz4asvV3FwcnHz8ObDV1/u4uDk4ubhzYevvjzFwcnFzcObD199eRcHJxc3" +
  "D28+fPXlUxycXNw8vPnw1ZdvcXBycfPw5sNXX37FwcnFzcObD199/6NK6eHp5e3j249ffj3Kw9PL28e3H7/8epaHp5e3j28/" +
  "fvn1Kg9PL28f33788utdHp5e3j6+/fjl16c8PL28fXz78cuv7/Lw9PL28e3HL79+ysPTy9vHtx+//PotD08vbx/ffvzy6688" +
  "PL28fXz78atvPKs8PL28fXz78cuvR3l4enn7+Pbjl1/P8vD08vbx7ccvv17l4enl7ePbj19+vcvD08vbx7cfv/z6lIenl7eP" +
  "bz9++fVdHp5e3j6+/fjl1095eHp5+/j245dfv+Xh6eXt49uPX379lYenl7ePbz9+9Y1XlYenl7ePbz9++fUoD08vbx/ffvzy" +
  "61kenl7ePr79+OXXqzw8vbx9fPvxy693eXh6efv49uOXX5/y8PTy9vHtxy+/vsvD08vbx7cfv/z6KQ9PL28f33788uu3PDy9" +
  "vH18+/HLr7/y8PTy9vHtxy88";
