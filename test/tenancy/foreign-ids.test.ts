import { describe } from 'vitest';
import { useApi } from '../support/api.js';
import { itKeepsToItself } from './foreign-requests.js';

const api = useApi({ worker: 'off' });

describe('an organization', () => itKeepsToItself(api));
