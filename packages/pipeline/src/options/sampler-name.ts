import { samplerChoice, samplerNames } from '@lascaux/diffusion';

/** The name of the sampler that a scheduler configuration asks for; its class name where no sampler's name stands for it. */
export function samplerNameOf(config: Readonly<Record<string, unknown>>): string {
  const className = String(config._class_name);
  const found = samplerNames.find((name) => {
    const choice = samplerChoice(name);
    const agrees = Object.entries(choice.overrides).every(([key, value]) => config[key] === value);
    return choice.className === className && agrees;
  });
  return found ?? className;
}
