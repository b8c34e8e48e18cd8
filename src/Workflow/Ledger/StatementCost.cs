namespace Workflow.Ledger;

/// <summary>What a statement cost in one run, as SQLite counts it.</summary>
/// <param name="Sql">The statement.</param>
/// <param name="Steps">Operations of SQLite's machine: a measure of work that does not depend on how busy the computer is.</param>
/// <param name="Scanned">Rows passed over in scans of whole tables or indexes.</param>
readonly record struct StatementCost(string Sql, int Steps, int Scanned);
