namespace Workflow.Ledger;

/// <summary>A row of a named slot's history.</summary>
/// <param name="Name">The slot.</param>
/// <param name="Seq">Position in its history, from 1; the highest counts.</param>
/// <param name="ArtifactId">The model.</param>
/// <param name="RunId">The run whose decision set it; null where a person did.</param>
/// <param name="Actor">Who set it.</param>
/// <param name="Set">When.</param>
/// <param name="Reason">Why.</param>
public sealed record ModelSlotRow(string Name, long Seq, string ArtifactId, string? RunId, string Actor, DateTimeOffset Set, string Reason);

/// <summary>Named slots as rows.</summary>
public static class ModelSlotQueries
{
    const string Columns = "name, seq, artifact_id, run_id, actor, set_us, reason";

    /// <summary>What every slot holds, by name.</summary>
    public static IReadOnlyList<ModelSlotRow> ModelSlots(this LedgerDb ledger) => ledger.Read(db =>
        db.Query($"SELECT {Columns} FROM model_slot s WHERE seq=(SELECT MAX(seq) FROM model_slot WHERE name=s.name) ORDER BY name", Row));

    /// <summary>The history of a slot, newest first.</summary>
    /// <exception cref="WorkflowException">It was never set.</exception>
    public static IReadOnlyList<ModelSlotRow> ModelSlot(this LedgerDb ledger, string name)
    {
        var rows = ledger.Read(db => db.Query($"SELECT {Columns} FROM model_slot WHERE name=?1 ORDER BY seq DESC", Row, name));
        return rows.Count > 0 ? rows : throw new WorkflowException(
            $"There is no slot '{name}'. {(ledger.ModelSlots() is { Count: > 0 } all ? $"Slots: {string.Join(", ", all.Select(s => s.Name))}." : "No slot was ever set in this home: a `promote` stage sets one.")}", exitCode: 2);
    }

    static ModelSlotRow Row(Row r) => new(r.Text(0), r.Number(1), r.Text(2), r.TextOrNull(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.Text(6));
}
