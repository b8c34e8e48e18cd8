using System.Text.Json;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Dashboard.RunList;

/// <summary>Finds the sets of options in which an option has a value. Equal options of a thousand runs are one set, so there are few.</summary>
static class RunOptions
{
    /// <summary>The stage that an option like <c>train.batch_size=64</c> names, empty for any, and the ids of the sets that fit, as a JSON array.</summary>
    public static (string Stage, string Sets) Fitting(LedgerConnection db, string option)
    {
        var cut = option.IndexOf('=', StringComparison.Ordinal);
        var steps = (cut < 0 ? option : option[..cut]).Trim().Split('.');
        if (cut < 0 || !steps.All(Names.IsName))
        {
            return ("", "[]");
        }

        var value = option[(cut + 1)..].Trim();
        var whole = Find(db, steps, value);
        return steps.Length > 1 && whole.Count == 0 ? (steps[0], JsonSerializer.Serialize(Find(db, steps[1..], value))) : ("", JsonSerializer.Serialize(whole));
    }

    // Numbers are compared as they are written in the set; 0.050 and 0.05 are told alike by the second comparison.
    static List<string> Find(LedgerConnection db, string[] steps, string value)
    {
        var path = "$" + string.Concat(steps.Select(s => $".\"{s}\""));
        var number = double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var real) ? real : (double?)null;
        return db.Query("""
            SELECT param_id FROM (SELECT param_id, COALESCE(json_extract(operational_json, ?1), json_extract(semantic_json, ?1)) AS v FROM param_set)
            WHERE v IS NOT NULL AND (CAST(v AS TEXT)=?2 OR (?3 IS NOT NULL AND typeof(v)<>'text' AND v=?3) OR (typeof(v)='integer' AND v=1 AND ?2='true') OR (typeof(v)='integer' AND v=0 AND ?2='false')) LIMIT 5000
            """, r => r.Text(0), path, value, number);
    }
}
