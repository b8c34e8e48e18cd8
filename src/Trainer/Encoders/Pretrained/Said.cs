namespace Trainer.Encoders.Pretrained;

/// <summary>A setting and who says it.</summary>
/// <param name="Value">The setting.</param>
/// <param name="Source">A file of the model's folder (<c>1_Pooling/config.json</c>), or the family of models that is known for it.</param>
public readonly record struct Said<T>(T Value, string Source);
