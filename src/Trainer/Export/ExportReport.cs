namespace Trainer.Export;

/// <summary>What an export wrote and how far it was checked.</summary>
/// <param name="Files">Names of the files, in ordinal order.</param>
/// <param name="Dimensions">Length of the embeddings, D.</param>
/// <param name="Texts">Texts whose embeddings were compared with those of the written folder, each as a query or a passage.</param>
/// <param name="LargestDifference">Largest difference of a component, over the embedding's length where that is above one.</param>
/// <param name="Notes">What whoever loads the folder elsewhere should know: where its answers differ from the model's.</param>
public sealed record ExportReport(IReadOnlyList<string> Files, int Dimensions, int Texts, double LargestDifference, IReadOnlyList<string> Notes);
