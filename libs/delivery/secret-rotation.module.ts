import { Module } from '@nestjs/common';
import { SecretsModule } from '#secrets';
import { SecretRotationService } from './secret-rotation.service.js';

/** For the command, which needs no entities. */
@Module({ imports: [SecretsModule], providers: [SecretRotationService], exports: [SecretRotationService] })
export class SecretRotationModule {}
