namespace Trainer.Encoders;

/// <summary>Embeddings of one text; what was not asked for is null.</summary>
/// <param name="Dense">One vector, (D).</param>
/// <param name="Sparse">Weights above 0 by token id ascending.</param>
/// <param name="MultiVector">One vector per token but the first.</param>
public sealed record TextEmbeddings(float[]? Dense, (int Id, float Weight)[]? Sparse, float[][]? MultiVector);
