namespace Workflow.Runs;

/// <summary>The right to work on a node, held under one epoch.</summary>
/// <param name="AttemptId">The attempt.</param>
/// <param name="RunId">Run.</param>
/// <param name="NodeId">Node.</param>
/// <param name="Epoch">The fence.</param>
/// <param name="Staging">Folder that only this attempt writes.</param>
/// <param name="ResumedStep">Newest checkpoint given to it, or null.</param>
sealed record Claim(string AttemptId, string RunId, string NodeId, long Epoch, string Staging, long? ResumedStep);
