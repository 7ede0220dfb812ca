/** A wrong or missing setting. Its message is the one sentence that the start ends with. */
export class ConfigurationError extends Error {}

type Environment = Record<string, string | undefined>;

/** Reads environment variables. An empty value counts as not set, as in a copied .env.example. */
export class EnvironmentReader {
  constructor(private readonly environment: Environment) {}

  text(name: string): string | undefined {
    return this.environment[name]?.trim() || undefined;
  }

  integer(name: string, fallback: number, minimum: number, maximum: number): number {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum || value > maximum) {
      throw new ConfigurationError(`${name} must be a whole number from ${minimum} to ${maximum}.`);
    }
    return value;
  }

  port(): number {
    return this.integer('PORT', 3000, 0, 65535);
  }

  choice<const T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const choice = choices.find((candidate) => candidate === text);
    if (!choice) throw new ConfigurationError(`${name} must be one of: ${choices.join(', ')}.`);
    return choice;
  }

  flag(name: string, fallback: boolean): boolean {
    return this.choice(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  url(name: string, protocols: readonly string[]): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (!URL.canParse(text) || !protocols.includes(new URL(text).protocol)) {
      throw new ConfigurationError(`${name} must be a URL that begins with ${protocols.join(' or ')}//.`);
    }
    if (new URL(text).searchParams.has('options')) {
      throw new ConfigurationError(`${name} must not set options: Tidings sets its own for each session.`);
    }
    return text;
  }

  secret(name: string): string | undefined {
    const text = this.text(name);
    if (text !== undefined && text.length < 32) {
      throw new ConfigurationError(`${name} must have at least 32 characters.`);
    }
    return text;
  }

  origins(name: string): string[] {
    const origins = (this.text(name) ?? '').split(',').map((origin) => origin.trim());
    const given = origins.filter((origin) => origin !== '');
    for (const origin of given) {
      if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
        throw new ConfigurationError(
          `${name} must be origins such as https://app.example.com, separated by commas; "${origin}" is none.`,
        );
      }
    }
    return given;
  }
}
