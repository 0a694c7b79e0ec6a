select program_diagnosis.sign, program_diagnosis.motivation, program_diagnosis.system, program_diagnosis.points_to, program_diagnosis.evidence
from marts.program_diagnosis
order by program_diagnosis.sign
