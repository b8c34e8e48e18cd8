namespace Trainer.Export;

/// <summary>An artifact that a model card names.</summary>
/// <param name="Kind">What it is: documents, pairs, shards, model.</param>
/// <param name="Id">Its hash.</param>
/// <param name="Facts">Rows and the like in words; may be empty.</param>
public sealed record CardArtifact(string Kind, string Id, string Facts = "");
