using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>slots</c>: which model each named slot holds, its history, and setting one by hand.</summary>
sealed class SlotsCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var command = new Command("slots", "List named slots and the models they hold") { Show(context), Set(context) };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            return Print(context, parse, await reads.SlotsAsync(null, cancellationToken));
        });
        return command;
    }

    static Command Show(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "A slot" };
        var command = new Command("show", "List what a slot held, newest first") { name };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            return Print(context, parse, await reads.SlotsAsync(parse.GetValue(name)!, cancellationToken));
        });
        return command;
    }

    static Command Set(CliContext context)
    {
        var name = new Argument<string>("NAME") { Description = "A slot; made where there is none" };
        var artifact = new Argument<string>("MODEL") { Description = "A committed model: its hash or the unique beginning of it" };
        var reason = new Option<string>("--reason") { Description = "Why; the history and the audit keep it", HelpName = "TEXT", Required = true };
        var command = new Command("set", "Put a committed model into a slot, to step back for example") { name, artifact, reason };
        command.SetAction(parse =>
        {
            var (slot, given) = (parse.GetValue(name)!, parse.GetValue(artifact)!);
            if (!Names.IsName(slot))
            {
                throw new WorkflowException($"Found slot '{slot}'; expected a letter, then letters, digits, '-' or '_', 64 at most.", exitCode: 2);
            }

            // Opened for reading first: a home where nothing ran yet is not made by this.
            var id = Resolve(context, parse, given);
            using var ledger = LedgerDb.Open(context.PathsOf(parse).Ledger, context.Time);
            var (why, actor) = (parse.GetValue(reason)!, Environment.UserName);
            ledger.Write(db =>
            {
                var before = ModelSlots.Held(db, slot)?.ArtifactId;
                ModelSlots.Set(db, slot, id, null, null, actor, context.Time.Micros(), why);
                db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason, before_json) VALUES (?1, ?2, 'slot.set', ?3, ?4, ?5)",
                    context.Time.Micros(), actor, slot, why, new JsonObject { ["artifact"] = before }.ToJsonString());
            });
            return Print(context, parse, [SlotItems.Of(ledger.ModelSlot(slot)[0])]);
        });
        return command;
    }

    static string Resolve(CliContext context, ParseResult parse, string given)
    {
        using var ledger = context.OpenRead(parse);
        var found = ledger.Read(db => db.Query("SELECT artifact_id FROM artifact WHERE kind='model' AND substr(artifact_id, 1, length(?1))=?1 LIMIT 3", r => r.Text(0), given));
        var id = found is [var one] ? one : throw new WorkflowException(found.Count == 0
            ? $"No committed model begins with '{given}'. `workflow show RUN` lists models with their hashes."
            : $"'{given}' begins several models: {string.Join(", ", found.Select(HumanText.Short))}. Give more of the hash.", exitCode: 2);
        var paths = context.PathsOf(parse);
        var gone = ArtifactFiles.ManifestOf(paths, id).Members.FirstOrDefault(m => !File.Exists(paths.Blob(m.Hash)));
        return gone is null ? id : throw new WorkflowException($"The file {gone.Name} of model {HumanText.Short(id)} is gone from the store. Run its job again, or name another model.");
    }

    static int Print(CliContext context, ParseResult parse, IReadOnlyList<SlotItem> rows)
    {
        if (context.WantsJson(parse))
        {
            context.WriteShape(rows);
            return 0;
        }

        if (rows.Count == 0)
        {
            context.Output.WriteLine("No slot was set yet: a `promote` stage sets one.");
            return 0;
        }

        var table = new TextTable("slot", "n", "model", "set (UTC)", "by", "run", "reason").Right(1);
        foreach (var row in rows)
        {
            table.Add(row.Slot, row.Seq.ToString(), HumanText.Short(row.Model), HumanText.Stamp(DateTimeOffset.Parse(row.Set, CultureInfo.InvariantCulture)), row.By, row.Run ?? "", row.Reason);
        }

        table.Write(context.Output);
        return 0;
    }
}
