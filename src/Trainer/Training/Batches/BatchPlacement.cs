using DataPrep;

namespace Trainer.Training.Batches;

/// <summary>
/// Puts rows into batches so that none holds an exclusive key twice, in time linear in rows times keys. Rows with a key that occurs elsewhere come first, each to the batch its place in
/// the order names, or a later one (round the end to the first) where it collides; then the others fill what is left. A row that found no batch in so many tries changes places with one
/// that may go where there is room, as long as there are tries: as many as there are rows. What finds no place is left.
/// </summary>
/// <param name="keys">Keys of the rows.</param>
sealed class BatchPlacement(RowKeys keys)
{
    const int Tries = 16;
    const int Rounds = 4;

    readonly int[] exclusive = new int[keys.Count];
    readonly int[] all = new int[keys.Count];
    HashSet<ulong> taken = [];

    /// <summary>Keys looked at so far: what the cost is counted in.</summary>
    public long Operations { get; private set; }

    /// <summary>Makes as many batches of a size as can be.</summary>
    /// <param name="order">The rows, in the epoch's order.</param>
    /// <param name="size">Rows of a batch. A batch may have fewer, at least half, where nothing but collisions keeps it from being full.</param>
    /// <param name="seed">Seed of the exchanges.</param>
    public Placed Fill(int[] order, int size, ulong seed)
    {
        var batches = new List<int[]>();
        for (var (round, collided) = (0, 0); ; round++)
        {
            var count = (order.Length - collided) / size;
            if (count == 0)
            {
                return new Placed(batches, order, collided);
            }

            var tried = Assign(order, size, count, seed + (ulong)round);
            batches.AddRange(tried.Batches.Where(b => b.Length == size));
            var rest = order.Length - (tried.Batches.Count(b => b.Length == size) * size);
            var next = (rest - tried.Collided) / size;
            if (tried.Batches.TrueForAll(b => b.Length == size))
            {
                return new Placed(batches, tried.Left, tried.Left.Length < size ? 0 : tried.Collided);
            }

            if (next == 0 || next == count || round == Rounds)
            {
                batches.AddRange(tried.Batches.Where(b => b.Length < size && b.Length * 2 >= size));
                return new Placed(batches, [.. tried.Batches.Where(b => b.Length * 2 < size).SelectMany(b => b), .. tried.Left], tried.Collided);
            }

            // Batches with holes are made again, fewer of them.
            (order, collided) = ([.. tried.Batches.Where(b => b.Length < size).SelectMany(b => b), .. tried.Left], tried.Collided);
        }
    }

    /// <summary>One batch of at most so many of these rows.</summary>
    public Placed Smaller(int[] order, int size, ulong seed) => Assign(order, size, 1, seed);

    Placed Assign(int[] order, int size, int count, ulong seed)
    {
        CountKeys(order, 1);
        taken = [];
        var open = new OpenBatches(count, size);
        var batch = new int[order.Length];
        Array.Fill(batch, -1);
        var alone = new bool[order.Length];
        var waiting = new List<int>();
        for (var i = 0; i < order.Length; i++)
        {
            alone[i] = !Repeats(order[i]);
            if (!alone[i] && !TryPut(i, Home(i)))
            {
                waiting.Add(i);
            }
        }

        for (var i = 0; i < order.Length; i++)
        {
            if (alone[i] && open.Next(Home(i)) is >= 0 and var at)
            {
                Put(i, at);
            }
        }

        var random = new SplitMix64(StableHash.Mix(seed));
        var tries = order.Length;
        waiting.RemoveAll(TryExchange);
        CountKeys(order, -1);
        return Gather();

        int Home(int position) => position / size % count;

        void Put(int i, int at)
        {
            open.Put(at, i);
            Take(i, at);
        }

        void Take(int i, int at)
        {
            batch[i] = at;
            foreach (var key in keys[order[i]])
            {
                if (Keeps(key))
                {
                    taken.Add(Entry(key, at));
                }
            }
        }

        bool TryPut(int i, int from)
        {
            var first = open.Next(from);
            var at = first;
            for (var t = 0; t < Tries && at >= 0; t++)
            {
                if (Fits(order[i], at))
                {
                    Put(i, at);
                    return true;
                }

                at = open.Next((at + 1) % count);
                if (at == first)
                {
                    break;
                }
            }

            return false;
        }

        // What a row that moves away had taken stays taken: too careful, never wrong.
        bool TryExchange(int i)
        {
            for (var t = 0; t < Tries && tries > 0; t++, tries--)
            {
                var room = open.Next(random.Below(count));
                if (room < 0)
                {
                    return false;
                }

                if (Fits(order[i], room))
                {
                    Put(i, room);
                    return true;
                }

                var at = random.Below(count);
                if (open.Fill(at) < size || !Fits(order[i], at))
                {
                    continue;
                }

                ref var member = ref open.Member(at, random.Below(size));
                if (Fits(order[member], room))
                {
                    Put(member, room);
                    member = i;
                    Take(i, at);
                    return true;
                }
            }

            return false;
        }

        Placed Gather()
        {
            var lists = new int[count][];
            for (var b = 0; b < count; b++)
            {
                lists[b] = new int[open.Fill(b)];
            }

            var (at, left) = (new int[count], new List<int>());
            for (var i = 0; i < order.Length; i++)
            {
                if (batch[i] < 0)
                {
                    left.Add(order[i]);
                }
                else
                {
                    lists[batch[i]][at[batch[i]]++] = order[i];
                }
            }

            return new Placed([.. lists.Where(l => l.Length > 0)], [.. left], waiting.Count);
        }
    }

    void CountKeys(int[] order, int by)
    {
        foreach (var row in order)
        {
            foreach (var key in keys[row])
            {
                Operations++;
                exclusive[key < 0 ? ~key : key] += key < 0 ? 0 : by;
                all[key < 0 ? ~key : key] += by;
            }
        }
    }

    // Whether a key can keep its row from a batch: a shared one where another row has it exclusively, an exclusive one where another row has it at all.
    bool Keeps(int key) => key < 0 ? exclusive[~key] > 0 : all[key] > 1;

    bool Repeats(int row)
    {
        foreach (var key in keys[row])
        {
            Operations++;
            if (Keeps(key))
            {
                return true;
            }
        }

        return false;
    }

    bool Fits(int row, int at)
    {
        foreach (var key in keys[row])
        {
            Operations++;
            if (Keeps(key) && (taken.Contains(Entry(key < 0 ? ~key : key, at)) || (key >= 0 && taken.Contains(Entry(~key, at)))))
            {
                return false;
            }
        }

        return true;
    }

    // Mixed, or the set's own hash (high half xor low half) would put neighbours on one another. A bijection: no two entries become one.
    static ulong Entry(int key, int at) => StableHash.Mix(((ulong)(uint)(key < 0 ? ~key : key) << 32) | (key < 0 ? 1UL << 31 : 0) | (uint)at);

    /// <summary>Rows in batches.</summary>
    /// <param name="Batches">The batches, none empty.</param>
    /// <param name="Left">Rows that are in none.</param>
    /// <param name="Collided">How many of them found no batch without one of their keys; 0 where they are less than a batch all together.</param>
    public readonly record struct Placed(List<int[]> Batches, int[] Left, int Collided);
}
