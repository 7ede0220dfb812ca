import { Module } from '@nestjs/common';
import { SecretsModule } from '#secrets';
import { SecretRotation } from './secret-rotation.service.js';

/** For the command, which needs no entities. */
@Module({ imports: [SecretsModule], providers: [SecretRotation], exports: [SecretRotation] })
export class SecretRotationModule {}
